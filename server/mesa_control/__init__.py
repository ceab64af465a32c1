"""The mesa de control: who reviews what, what they decide, on which criteria (rows B5, B7, B8, G1-G5; P13)."""
