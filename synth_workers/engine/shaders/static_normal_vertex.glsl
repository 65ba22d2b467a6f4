uniform mat4 view_projection;
in vec3 position;
in vec4 normal;
out vec3 world_normal;

void main() {
    world_normal = normal.xyz * (255.0 / 127.0) - 128.0 / 127.0;
    gl_Position = view_projection * vec4(position, 1.0);
}
