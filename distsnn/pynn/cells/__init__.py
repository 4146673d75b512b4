"""Cell types: each says which model of distsnn it is."""
