"""The knobs: what is accepted, and one clear line for what is not."""

import subprocess
import sys

import pytest

from helpers import ROOT
from helpers.errors import UserError
from helpers.report.__main__ import main
from helpers.report.knobs import KNOBS, Knobs, parse


def test_nothing_asked_is_the_drawn_data_set():
    assert parse([]) == Knobs(dataset="faces", run="faces")


def test_every_knob_is_read_and_the_run_is_named_after_the_data_set():
    knobs = parse(["DATASET=fer2013", "DATA=data/fer 2013.zip", "EPOCHS=3", "SEED=1", "QUICK=1", "SIZE=64"])
    assert knobs == Knobs("fer2013", "data/fer 2013.zip", 3, 1, True, 64, "fer2013")
    assert parse(["RUN=my-run_2"]).run == "my-run_2"
    assert parse(["EPOCHS=", "DATA="]) == parse([])


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("EPOCH=3", "did you mean EPOCHS?"),
        ("epochs=3", "did you mean EPOCHS?"),
        ("DATAST=faces", "did you mean DATASET?"),
        ("COLOUR=red", "The knobs are DATASET, DATA, EPOCHS"),
        ("fer2013", "write KEY=VALUE"),
        ("EPOCHS=abc", "EPOCHS is a whole number from 1"),
        ("EPOCHS=0", "EPOCHS is a whole number from 1"),
        ("EPOCHS=2.5", "EPOCHS is a whole number"),
        ("SEED=-1", "SEED is a whole number from 0"),
        ("SEED=4294967296", "SEED is a whole number from 0"),
        ("SEED=²", "SEED is a whole number"),
        ("QUICK=maybe", "QUICK is 0 or 1"),
        ("SIZE=7", "SIZE is a whole number from 8"),
        ("SIZE=99999", "SIZE is a whole number from 8"),
        ("RUN=../up", "RUN is a name, not a path"),
        ("RUN=a/b", "RUN is a name, not a path"),
        ("RUN=..", "RUN is a name, not a path"),
        ("RUN=a\\b", "RUN is a name, not a path"),
        ("RUN=lab", "kept for notebooks opened by hand"),
        ("RUN=lab-faces", "kept for notebooks opened by hand"),
        ("DATASET=../x", "DATASET is a name, not a path"),
        ("RANGE=0..1", "give it as well, MODEL=my.keras"),
        ("HISTORY=log.csv", "give it as well, MODEL=my.keras"),
    ],
)
def test_a_wrong_knob_is_one_line_and_exit_status_2(word, said, capsys):
    with pytest.raises(UserError, match=r".") as fault:
        parse([word])
    assert said in str(fault.value)
    assert main([word]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1


def test_data_starts_at_the_checkout_or_at_home_or_at_the_root():
    assert parse(["DATA=data/x.zip"]).path == ROOT / "data" / "x.zip"
    assert parse(["DATA=/data/x.zip"]).path.as_posix() == "/data/x.zip"
    assert parse(["DATA=~/x.zip"]).path.is_absolute()
    assert "~" not in str(parse(["DATA=~/x.zip"]).path)


def test_the_command_can_be_typed_again_and_names_no_folder_of_this_machine():
    assert parse([]).command == "make report"
    assert parse(["SEED=0", "RUN=faces"]).command == "make report"
    knobs = parse(["DATASET=fer2013", "DATA=/home/ana/her data/fer.zip", "QUICK=1", "RUN=r"])
    assert knobs.command == "make report DATASET=fer2013 DATA=fer.zip QUICK=1 RUN=r"
    assert parse(["DATA=../her data/x"]).command == "make report 'DATA=../her data/x'"


def test_a_network_trained_elsewhere_is_known_by_its_content(tmp_path):
    path = tmp_path / "my.keras"
    knobs = parse([f"MODEL={path}"])
    assert knobs.pixel_range == "0..255"
    with pytest.raises(UserError, match=r"my\.keras is not there"):
        knobs.choices  # noqa: B018
    path.write_bytes(b"one")
    one = knobs.choices
    assert one["MODEL"].startswith("my.keras (")
    path.write_bytes(b"two")
    assert knobs.choices["MODEL"] != one["MODEL"]
    assert knobs.parameters["model"] == str(path)
    assert parse([f"MODEL={path}", "RANGE=-1..1"]).command == "make report MODEL=my.keras RANGE=-1..1"
    assert "model" not in parse([]).parameters
    with pytest.raises(UserError, match=r"RANGE is 0\.\.255, 0\.\.1 or -1\.\.1"):
        parse([f"MODEL={path}", "RANGE=0-1"])


def test_help_names_every_knob(capsys):
    assert main(["--help"]) == 0
    output = capsys.readouterr().out
    assert all(knob in output for knob in KNOBS)


def test_a_wrong_knob_costs_no_slow_import():
    code = (
        "import sys\nfrom helpers.report.__main__ import main\nassert main(['SEEDS=1']) == 2\n"
        "slow = {'papermill', 'nbconvert', 'numpy', 'keras', 'matplotlib'} & set(sys.modules)\nassert not slow, slow"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "did you mean SEED?" in done.stderr
