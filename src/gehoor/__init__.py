"""gehoor hears what customers say and do, and helps an organisation to answer."""

__version__ = "0.1.0"
