// Linear blend skinning. One row of the palette holds the 55 world-space bones of one actor,
// three texels (the rows of a 3x4 matrix) each.
uniform sampler2D palette;
uniform vec4 actor;  // palette row, id, first texture layer, height of the ground under it

mat3x4 bone(uint index) {
    int column = int(index) * 3, row = int(actor.x);
    return mat3x4(texelFetch(palette, ivec2(column, row), 0),
                  texelFetch(palette, ivec2(column + 1, row), 0),
                  texelFetch(palette, ivec2(column + 2, row), 0));
}

mat3x4 skin(uvec4 bones, vec4 weights) {
    mat3x4 blend = bone(bones.x) * weights.x;
    if (weights.y > 0.0) blend += bone(bones.y) * weights.y;
    if (weights.z > 0.0) blend += bone(bones.z) * weights.z;
    if (weights.w > 0.0) blend += bone(bones.w) * weights.w;
    return blend;
}
