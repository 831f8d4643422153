"""Fingerprint modules of the ZFM-20 family (R305, R307, R503, AS608)."""
