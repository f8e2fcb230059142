"""What notebooks import and takes seconds: imported once, by the server that kernels are forked from."""

import ipykernel.kernelapp  # noqa: F401
import ipywidgets  # noqa: F401
import lime.lime_image  # noqa: F401
import matplotlib.pyplot  # noqa: F401
import skimage.segmentation  # noqa: F401
import sklearn.linear_model  # noqa: F401

from helpers.backend import keras  # noqa: F401
