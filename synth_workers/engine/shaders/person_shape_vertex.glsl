//include skinning.glsl
uniform mat4 view_projection;
in vec3 position;
in uvec4 bones;
in vec4 weights;

void main() {
    gl_Position = view_projection * vec4(vec4(position, 1.0) * skin(bones, weights), 1.0);
}
