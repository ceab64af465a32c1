"""The receipt: issued when a sobre is taken, given again whenever a reply was lost."""
