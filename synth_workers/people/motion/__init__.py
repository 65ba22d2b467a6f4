"""How people walk and stand: clips of skinning matrices."""
