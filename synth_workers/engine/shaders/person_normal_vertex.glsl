//include skinning.glsl
uniform mat4 view_projection;
in vec3 position;
in vec4 normal;
in uvec4 bones;
in vec4 weights;
out vec3 world_normal;

void main() {
    mat3x4 transform = skin(bones, weights);
    world_normal = vec4(normal.xyz * (255.0 / 127.0) - 128.0 / 127.0, 0.0) * transform;
    gl_Position = view_projection * vec4(vec4(position, 1.0) * transform, 1.0);
}
