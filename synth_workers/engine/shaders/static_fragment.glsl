//include tone.glsl
uniform sampler2DArray surface;
uniform sampler2DShadow shadows;
in vec3 to_shadow, coordinate, soft, direct, over;
layout(location = 0) out vec4 lit;
layout(location = 1) out uint id;

void main() {
    vec3 texel = texture(surface, coordinate).rgb;
    float reached = direct.g > 0.0 ? texture(shadows, to_shadow) : 0.0;
    lit = vec4(tone(texel * texel * (soft + direct * reached) + over), 1.0);
    id = 0u;
}
