"""The tables of appeals, calibration and coaching, as the newest migration leaves them."""
