in vec2 offset;
in float darkness;
layout(location = 0) out vec4 lit;

void main() {
    float near = max(1.0 - dot(offset, offset), 0.0);
    lit = vec4(0.0, 0.0, 0.0, near * near * darkness);
}
