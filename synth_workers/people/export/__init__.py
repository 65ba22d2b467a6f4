"""People for other programs: rigged, textured, animated files (glTF, FBX) and MakeHuman models."""
