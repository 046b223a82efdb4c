"""`[know]`: what may be kept of persons."""

import msgspec

__all__ = ["Know"]


class Know(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[know]`: whether a profile is kept of who does something with us.

    Attributes
    ----------
    profiles : bool
        False (a public body that may not) keeps none, and lets go of what there was.
    merge_sure : bool
        True takes two records together at night where they are one person with a probability of .99 or more; else that
        is only proposed to whoever looks at them.
    """

    profiles: bool = True
    merge_sure: bool = False
