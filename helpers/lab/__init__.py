"""What somebody sees and moves in JupyterLab: the front door, the explorer, and what all `explore` sections use."""
