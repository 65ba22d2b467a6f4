//include skinning.glsl
in vec3 position;
in vec4 normal;
in uvec4 bones;
in vec4 weights;
out vec3 posed_place, posed_normal;

// Kept for all cameras of an instant; nothing is drawn.
void main() {
    mat3x4 transform = skin(bones, weights);
    posed_place = vec4(position, 1.0) * transform;
    posed_normal = vec4(normal.xyz * (255.0 / 127.0) - 128.0 / 127.0, 0.0) * transform;
}
