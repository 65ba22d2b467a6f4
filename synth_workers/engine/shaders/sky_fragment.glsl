//include tone.glsl
uniform vec3 gain;
in vec3 colour;
layout(location = 0) out vec4 lit;
layout(location = 1) out uint id;

void main() {
    lit = vec4(tone(colour * gain), 1.0);
    id = 0u;
}
