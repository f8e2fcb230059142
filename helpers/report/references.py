"""The literature that captions and answers cite as ``{cite:key}``: key -> (text, address)."""

PAPERS = {
    # training
    "adamw": (
        "Loshchilov, I., and Hutter, F. (2019). Decoupled weight decay regularization. ICLR",
        "https://arxiv.org/abs/1711.05101",
    ),
    "averaging": (
        "Izmailov, P., et al. (2018). Averaging weights leads to wider optima and better generalization. UAI",
        "https://arxiv.org/abs/1803.05407",
    ),
    "batchnorm": (
        "Ioffe, S., and Szegedy, C. (2015). Batch normalization: Accelerating deep network training by reducing "
        "internal covariate shift. ICML",
        "https://arxiv.org/abs/1502.03167",
    ),
    "cosine": (
        "Loshchilov, I., and Hutter, F. (2017). SGDR: Stochastic gradient descent with warm restarts. ICLR",
        "https://arxiv.org/abs/1608.03983",
    ),
    "dropout": (
        "Srivastava, N., et al. (2014). Dropout: A simple way to prevent neural networks from overfitting. "
        "Journal of Machine Learning Research 15, 1929–1958",
        "https://jmlr.org/papers/v15/srivastava14a.html",
    ),
    "erasing": (
        "Zhong, Z., et al. (2020). Random erasing data augmentation. AAAI",
        "https://arxiv.org/abs/1708.04896",
    ),
    "muller2019": (
        "Müller, R., Kornblith, S., and Hinton, G. (2019). When does label smoothing help? NeurIPS",
        "https://arxiv.org/abs/1906.02629",
    ),
    "residual": (
        "He, K., Zhang, X., Ren, S., and Sun, J. (2016). Deep residual learning for image recognition. CVPR",
        "https://arxiv.org/abs/1512.03385",
    ),
    "smoothing": (
        "Szegedy, C., et al. (2016). Rethinking the Inception architecture for computer vision. CVPR",
        "https://arxiv.org/abs/1512.00567",
    ),
    # explanations
    "adebayo2018": (
        "Adebayo, J., et al. (2018). Sanity checks for saliency maps. NeurIPS",
        "https://arxiv.org/abs/1810.03292",
    ),
    "deepdream": (
        "Mordvintsev, A., Olah, C., and Tyka, M. (2015). Inceptionism: Going deeper into neural networks. "
        "Google Research Blog",
        "https://research.google/blog/inceptionism-going-deeper-into-neural-networks/",
    ),
    "erhan2009": (
        "Erhan, D., Bengio, Y., Courville, A., and Vincent, P. (2009). Visualizing higher-layer features of a deep "
        "network. Technical report 1341, University of Montreal",
        None,
    ),
    "gradcam": (
        "Selvaraju, R. R., et al. (2017). Grad-CAM: Visual explanations from deep networks via gradient-based "
        "localization. ICCV",
        "https://arxiv.org/abs/1610.02391",
    ),
    "integrated": (
        "Sundararajan, M., Taly, A., and Yan, Q. (2017). Axiomatic attribution for deep networks. ICML",
        "https://arxiv.org/abs/1703.01365",
    ),
    "lime": (
        "Ribeiro, M. T., Singh, S., and Guestrin, C. (2016). “Why should I trust you?”: Explaining the predictions of "
        "any classifier. KDD",
        "https://arxiv.org/abs/1602.04938",
    ),
    "occlusion": (
        "Zeiler, M. D., and Fergus, R. (2014). Visualizing and understanding convolutional networks. ECCV",
        "https://arxiv.org/abs/1311.2901",
    ),
    "olah2017": (
        "Olah, C., Mordvintsev, A., and Schubert, L. (2017). Feature visualization. Distill",
        "https://doi.org/10.23915/distill.00007",
    ),
    "rise": (
        "Petsiuk, V., Das, A., and Saenko, K. (2018). RISE: Randomized input sampling for explanation of black-box "
        "models. BMVC",
        "https://arxiv.org/abs/1806.07421",
    ),
    "saliency": (
        "Simonyan, K., Vedaldi, A., and Zisserman, A. (2014). Deep inside convolutional networks: Visualising image "
        "classification models and saliency maps. ICLR workshop",
        "https://arxiv.org/abs/1312.6034",
    ),
    "slic": (
        "Achanta, R., et al. (2012). SLIC superpixels compared to state-of-the-art superpixel methods. IEEE "
        "Transactions on Pattern Analysis and Machine Intelligence 34(11), 2274–2282",
        "https://doi.org/10.1109/TPAMI.2012.120",
    ),
    "smoothgrad": (
        "Smilkov, D., et al. (2017). SmoothGrad: Removing noise by adding noise. ICML workshop",
        "https://arxiv.org/abs/1706.03825",
    ),
    "ssim": (
        "Wang, Z., et al. (2004). Image quality assessment: From error visibility to structural similarity. IEEE "
        "Transactions on Image Processing 13(4), 600–612",
        "https://doi.org/10.1109/TIP.2003.819861",
    ),
    "szegedy2014": (
        "Szegedy, C., et al. (2014). Intriguing properties of neural networks. ICLR",
        "https://arxiv.org/abs/1312.6199",
    ),
    # statistics
    "student": (
        "Student (1908). The probable error of a mean. Biometrika 6(1), 1–25",
        "https://doi.org/10.1093/biomet/6.1.1",
    ),
    "bootstrap": (
        "Efron, B. (1979). Bootstrap methods: Another look at the jackknife. The Annals of Statistics 7(1), 1–26",
        "https://doi.org/10.1214/aos/1176344552",
    ),
    "brocker2007": (
        "Bröcker, J., and Smith, L. A. (2007). Increasing the reliability of reliability diagrams. Weather and "
        "Forecasting 22(3), 651–661",
        "https://doi.org/10.1175/WAF993.1",
    ),
    "fisher1922": (
        "Fisher, R. A. (1922). On the interpretation of χ² from contingency tables, and the calculation of P. "
        "Journal of the Royal Statistical Society 85(1), 87–94",
        "https://doi.org/10.2307/2340521",
    ),
    "guo2017": (
        "Guo, C., et al. (2017). On calibration of modern neural networks. ICML",
        "https://arxiv.org/abs/1706.04599",
    ),
    "hendrycks2019": (
        "Hendrycks, D., and Dietterich, T. (2019). Benchmarking neural network robustness to common corruptions and "
        "perturbations. ICLR",
        "https://arxiv.org/abs/1903.12261",
    ),
    "holm1979": (
        "Holm, S. (1979). A simple sequentially rejective multiple test procedure. "
        "Scandinavian Journal of Statistics 6(2), 65–70",
        "https://www.jstor.org/stable/4615733",
    ),
    "mcnemar1947": (
        "McNemar, Q. (1947). Note on the sampling error of the difference between correlated proportions or "
        "percentages. Psychometrika 12(2), 153–157",
        "https://doi.org/10.1007/BF02295996",
    ),
    "northcutt2021": (
        "Northcutt, C. G., Athalye, A., and Mueller, J. (2021). Pervasive label errors in test sets destabilize "
        "machine learning benchmarks. NeurIPS, Datasets and Benchmarks",
        "https://arxiv.org/abs/2103.14749",
    ),
    "spearman1904": (
        "Spearman, C. (1904). The proof and measurement of association between two things. "
        "American Journal of Psychology 15(1), 72–101",
        "https://doi.org/10.2307/1412159",
    ),
    "wilson1927": (
        "Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. "
        "Journal of the American Statistical Association 22(158), 209–212",
        "https://doi.org/10.1080/01621459.1927.10502953",
    ),
    # data
    "ekman1978": (
        "Ekman, P., and Friesen, W. V. (1978). Facial action coding system. Consulting Psychologists Press",
        "https://doi.org/10.1037/t27734-000",
    ),
    "fer2013": (
        "Goodfellow, I. J., et al. (2013). Challenges in representation learning: A report on three machine learning "
        "contests. ICONIP. FER2013 was made for its contest on facial expressions from photographs found on the web; "
        "no licence of theirs is known, and those that copies of the data name contradict one another",
        "https://arxiv.org/abs/1307.0414",
    ),
    "food11": (
        "Singla, A., Yuan, L., and Ebrahimi, T. (2016). Food/non-food image classification and food categorization "
        "using pre-trained GoogLeNet model. MADiMa. Source of Food-11; no licence of the "
        "photographs is known",
        "https://doi.org/10.1145/2986035.2986039",
    ),
}

DATA = {"faces": "ekman1978", "fer2013": "fer2013", "food11": "food11"}
"""What a report on a data set cites in any case."""
