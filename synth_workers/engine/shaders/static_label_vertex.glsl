uniform mat4 view_projection;
in vec3 position;
in uint label;
flat out uint own_label;

void main() {
    own_label = label;
    gl_Position = view_projection * vec4(position, 1.0);
}
