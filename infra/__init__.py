"""Files of a farm: settings, deployments, units, images. Code lives in ``flows``."""
