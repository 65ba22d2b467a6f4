//include skinning.glsl
uniform sampler2D next_palette;  // as ``palette``, of where everybody will be
uniform mat4 view_projection;
uniform mat4 to_camera;  // engine's frame to the camera's: right, up, forward
in vec3 position;
in uvec4 bones;
in vec4 weights;
out vec3 now_seen, next_seen;

vec3 later(uint index) {
    int column = int(index) * 3, row = int(actor.x);
    return vec4(position, 1.0) * mat3x4(texelFetch(next_palette, ivec2(column, row), 0),
                                        texelFetch(next_palette, ivec2(column + 1, row), 0),
                                        texelFetch(next_palette, ivec2(column + 2, row), 0));
}

void main() {
    vec3 now = vec4(position, 1.0) * skin(bones, weights);
    vec3 next = later(bones.x) * weights.x;
    if (weights.y > 0.0) next += later(bones.y) * weights.y;
    if (weights.z > 0.0) next += later(bones.z) * weights.z;
    if (weights.w > 0.0) next += later(bones.w) * weights.w;
    now_seen = (to_camera * vec4(now, 1.0)).xyz;
    next_seen = (to_camera * vec4(next, 1.0)).xyz;
    gl_Position = view_projection * vec4(now, 1.0);
}
