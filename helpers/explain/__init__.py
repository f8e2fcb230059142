"""Explanations: one file a method, the registry in ``methods``, then what judges them."""


def __getattr__(name):
    if name in ("METHODS", "applicable", "maps_of", "defaults"):
        from helpers.explain import methods

        return getattr(methods, name)
    raise AttributeError(name)
