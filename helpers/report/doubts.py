"""What a careful reader should not trust in a report: page 1's list, computed from the manifest and the answers."""

from typing import TYPE_CHECKING

from helpers.report import seeds

if TYPE_CHECKING:
    from helpers.report.merge import Report


def doubts(report: "Report") -> list[tuple[str, str]]:
    """What not to trust, as name and reason (plain text); only what is true of this report."""
    get = report.manifest.get
    data = get("data") or {}
    rows = [
        ("All numbers", "from a quick run with a small recipe, which shows that everything works" * bool(get("quick"))),
        ("Incomplete", _incomplete(report)),
        ("The CNN", _trained_elsewhere(get("elsewhere") or {})),
        ("Validation data", _optimism(data)),
        ("Small differences", _one_seed(report)),
        ("Data", _oddities(data)),
        ("Small classes", _few(data)),
        ("The code", "it had changes that no commit holds" * bool(get("modified"))),
    ]
    return [(name, reason) for name, reason in rows if reason]


def _incomplete(report: "Report") -> str:
    numbers = [str(section.asked.number) for section in report.sections if not section.complete]
    return f"question{'s' * (len(numbers) > 1)} {listed(numbers)}: a notebook gave no result" if numbers else ""


def _trained_elsewhere(files: dict) -> str:
    if "model" not in files:
        return ""
    return f"{files['model']['file']} was trained elsewhere; on which images, this report cannot check"


def _optimism(data: dict) -> str:
    """What the choice on validation data means, and whether there is a test set that nothing was chosen on."""
    images = data.get("labelled") or data.get("splits") or {}
    if not images:
        return ""
    check = "the test set chose nothing" if images.get("test") else "there is no untouched test set"
    return f"accuracy on it is optimistic, since it chose recipe and pictures; {check}"


def _one_seed(report: "Report") -> str:
    """Intervals count images; that another training would differ, none of them says."""
    if not any(name.endswith(".keras") for name in report.manifest.get("outputs") or {}):
        return ""
    seed, count = report.manifest["seed"], len(seeds.rates(report.manifest))
    if count > 1:
        return (
            f"CNN and DNN were trained with {count} seeds, see “{seeds.TITLE}”; what is explained and compared "
            f"elsewhere was trained once, with seed {seed}; intervals count images, not trainings"
        )
    return f"each network of this run was trained once, with seed {seed}; intervals count images, not trainings"


def _oddities(data: dict) -> str:
    """Twins of training images, and twins that carry different labels."""
    facts, splits = data.get("facts") or {}, data.get("splits") or {}
    twins = [
        f"{facts[f'{name}_in_train']:,} of the {splits[name]:,} {name} images"
        for name in ("validation", "test")
        if facts.get(f"{name}_in_train")
    ]
    conflicts = facts.get("label_conflicts")
    told = [
        f"{listed(twins)} also stand in the training set" if twins else "",
        f"{conflicts:,} group{'s' * (conflicts > 1)} of identical images carr{'y' if conflicts > 1 else 'ies'} "
        "different labels"
        if conflicts
        else "",
    ]
    return "; ".join(filter(None, told))


def _few(data: dict) -> str:
    few = data.get("few") or {}
    if not few.get("classes"):
        return ""
    return f"{listed(few['classes'])}: fewer than {few['than']} validation images, so their rates say little"


def listed(names: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
