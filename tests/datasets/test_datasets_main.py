"""``python -m helpers.datasets``: an inventory, or the list of faults."""

from datasets_made import class_files, fer_files, write_folder, write_zip

from helpers.datasets.__main__ import main


def test_the_inventory(tmp_path, capsys):
    assert main([str(write_zip(tmp_path / "any.zip", fer_files()))]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "FER2013 (fer2013): 7 classes, 48x48 pixels, grey"
    assert lines[1].split() == ["class", "train", "validation", "test"]
    assert lines[2].split() == ["angry", "2", "2", "2"]
    assert lines[9].split() == ["all", "14", "14", "14"]


def test_the_size_the_name_and_unlabelled_images(data_folder, capsys):
    files = class_files("cat", "dog") | {"test/1.png": class_files("x")["train/x/0.png"]}
    write_folder(data_folder / "zoo", files)
    assert main(["zoo", "SIZE=16"]) == 0
    output = capsys.readouterr().out
    assert "zoo (zoo): 2 classes, 16x16 pixels, grey" in output
    assert "(no label)" in output
    assert main([str(data_folder / "zoo"), "DATASET=fer2013"]) == 2
    assert "it looks like image_folder" in capsys.readouterr().err


def test_all_faults_are_listed(tmp_path, capsys):
    files = class_files("cat", "dog") | {"train/cat/8.png": b"no", "train/dog/9.png": b""}
    assert main([str(write_folder(tmp_path / "zoo", files))]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("2 faults in ")
    assert lines[1].startswith("  zoo, train/cat/8.png: it is no image that can be read")
    assert lines[2].startswith("  zoo, train/dog/9.png: the file is empty")
