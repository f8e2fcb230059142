"""The options: what is accepted, one clear line for what is not, and all that is derived from the one table."""

import subprocess
import sys

import pytest

from helpers import ROOT
from helpers.errors import UserError
from helpers.options import BY_PARAMETER, OPTIONS, check_parameters, parse
from helpers.report.__main__ import main


def test_what_is_typed_is_read_and_the_rest_follows():
    nothing = parse([])
    assert (nothing.dataset, nothing.run, nothing.seed) == ("faces", "faces", 0)
    assert (nothing.seeds, nothing.quick) == ([0], False)
    words = ["DATASET=FER2013", "DATA=data/fer 2013.zip", "EPOCHS=3", "SEED=1", "QUICK=1", "RUN="]
    asked = parse([*words, "SIZE=64"])
    assert (asked.dataset, asked.data) == ("fer2013", "data/fer 2013.zip")
    assert (asked.epochs, asked.size) == (3, 64)
    assert (asked.run, asked.seeds, asked.quick) == ("fer2013", [1], True)
    assert parse(["SEEDS=0, 1,2"]).seeds == [0, 1, 2]
    assert parse(["MODEL=m.keras", "CLASSES=anger, joy"]).classes == ["anger", "joy"]
    assert parse(["MODEL=m.keras", "CLASSES=alphabetical"]).classes == "alphabetical"
    assert parse(["CLUSTER=tcp://host:8786"]).cluster == "tcp://host:8786"
    assert parse(["LANGUAGE=EN"]).language == "en"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("EPOCH=3", "did you mean EPOCHS?"),
        ("COLOUR=red", "The options are DATASET, DATA, EPOCHS"),
        ("fer2013", "write KEY=VALUE"),
        ("EPOCHS=0", "EPOCHS is a whole number from 1"),
        ("SEED=4294967296", "SEED is a whole number from 0"),
        ("SEED=²", "SEED is a whole number"),
        ("QUICK=maybe", "QUICK is 0 or 1"),
        ("SIZE=99999", "SIZE is a whole number from 8"),
        ("RUN=../up", "RUN is a name, not a path"),
        ("RUN=a\\b", "RUN is a name, not a path"),
        ("RUN=lab-faces", "kept for notebooks opened by hand"),
        ("DATASET=../x", "DATASET is a name, not a path"),
        ("SEEDS=0,0", "SEEDS is whole numbers with commas between them"),
        ("RANGE=0..1", "give it as well, MODEL=my.keras"),
        ("RANGE=0-1", "RANGE is 0..255, 0..1 or -1..1"),
        ("LANGUAGE=klingon", "LANGUAGE is en"),
        ("CLUSTER=many", "CLUSTER is local:N (N processes) or tcp://host:port"),
    ],
)
def test_a_wrong_option_is_one_line_and_exit_status_2(word, said, capsys):
    assert main([word]) == 2
    output = capsys.readouterr()
    assert said in output.err
    assert (output.out, output.err.count("\n")) == ("", 1)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"seed": "1"}, "seed must be a whole number from 0 to 4294967295, not '1'"),
        ({"seed": True}, "not True"),
        ({"epochs": "3"}, "epochs must be a whole number from 1 to 100000, or None, not '3'"),
        ({"data": 5}, 'data must be a path in quotes, "data/x.zip", or None, not 5'),
        ({"quick": "no"}, "quick must be True or False, not 'no'"),
        ({"dataset": None}, "dataset must be a name in quotes"),
        ({"run": "../up"}, "run must be a name in quotes"),
        ({"seeds": "0,1"}, "seeds must be a list of whole numbers, [0, 1, 2], or None, not '0,1'"),
        ({"pixel_range": "0-1"}, 'pixel_range must be "0..255", "0..1" or "-1..1", not'),
        ({"epoch": 3}, "there is no parameter epoch: did you mean epochs?"),
    ],
)
def test_a_wrong_parameter_is_one_sentence_in_the_notebooks_words(values, said):
    with pytest.raises(UserError) as fault:
        check_parameters(**values)
    assert said in str(fault.value)
    assert "make" not in str(fault.value)


def test_right_parameters_come_back_as_they_are_to_be_taken():
    given = {"dataset": "FER2013", "run": "lab", "seed": 3, "epochs": None, "seeds": (1, 2)}
    taken = check_parameters(**given)
    assert taken == {**given, "dataset": "fer2013", "seeds": [1, 2]}
    assert check_parameters(**parse(["DATA=data/x.zip", "DATASET=fer2013"]).parameters)


def test_paths_start_at_the_checkout_or_at_home_or_at_the_root(monkeypatch):
    def path(typed: str):
        return parse(["DATASET=fer2013", f"DATA={typed}"]).path("DATA")

    assert path("data/x.zip") == ROOT / "data" / "x.zip"
    assert path("/data/x.zip").as_posix() == "/data/x.zip"
    monkeypatch.setenv("HOME", "/home/ana")
    assert path("~/x.zip").as_posix() == "/home/ana/x.zip"


def test_the_command_can_be_typed_again_and_names_no_folder_of_this_machine():
    assert parse([]).command == "make report"
    assert parse(["SEED=0", "RUN=faces", "QUICK=0"]).command == "make report"
    asked = parse(["DATASET=fer2013", "DATA=/home/ana/her data/fer.zip", "QUICK=1", "SEEDS=1,2"])
    assert asked.command == "make report DATASET=fer2013 DATA=fer.zip QUICK=1 SEEDS=1,2"
    assert asked.told["data"] == "fer.zip"
    quoted = parse(["DATASET=food11", "DATA=../her data/x"]).command
    assert quoted == "make report DATASET=food11 'DATA=../her data/x'"


def test_a_notebook_depends_on_the_parameters_it_has_and_files_on_their_content(tmp_path):
    path = tmp_path / "my.keras"
    asked = parse([f"MODEL={path}", "RANGE=-1..1", "LANGUAGE=en", "CLUSTER=local:4"])
    assert asked.choices(["seed", "quick", "fig"]) == {"SEED": "0", "QUICK": "0"}
    with pytest.raises(UserError, match=r"my\.keras is not there"):
        asked.choices(["model"])
    path.write_bytes(b"one")
    one = asked.choices(["model", "pixel_range"])
    assert one["MODEL"].startswith("my.keras (")
    path.write_bytes(b"two")
    assert asked.choices(["model"])["MODEL"] != one["MODEL"]
    assert asked.parameters["model"] == str(path)
    assert not {"DATA", "LANGUAGE", "CLUSTER"} & set(asked.choices(BY_PARAMETER))


def test_data_says_which_data_set_it_is(tmp_path):
    table = tmp_path / "mine.csv"
    table.write_text("emotion,pixels,Usage\n" + f"3,{'9 ' * 2304},Training\n" * 3)
    assert parse([f"DATA={table}"]).dataset == "fer2013"
    assert parse([f"DATA={table}"]).command == "make report DATASET=fer2013 DATA=mine.csv"


def test_help_and_readme_name_every_option(capsys):
    assert main(["--help"]) == 0
    output = capsys.readouterr().out
    assert all(option.name in output for option in OPTIONS)
    rows = [f"| `{option.name}={option.example}` | {option.what} |" for option in OPTIONS]
    readme = (ROOT / "README.md").read_text("utf-8").splitlines()
    assert not [row for row in rows if row not in readme]


def test_make_help_needs_no_package():
    call = ["make", "help", f"PYTHON={sys.executable} -S"]
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    targets = ("report", "verify", "test", "lab", "clean")
    assert all(f"make {target}" in done.stdout for target in targets)
    assert all(f"  {option.name}=" in done.stdout for option in OPTIONS)


def test_a_wrong_option_costs_no_slow_import():
    code = (
        "import sys\nfrom helpers.report.__main__ import main\nassert main(['SEDE=1']) == 2\n"
        "slow = {'papermill', 'nbconvert', 'numpy', 'keras', 'matplotlib', 'jinja2'} & set(sys.modules)\n"
        "assert not slow, slow"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "did you mean SEED?" in done.stderr
