//include light.glsl
//include tone.glsl
uniform sampler2DArray cloth;
uniform sampler2DShadow shadows;
uniform vec4 actor;
in vec3 to_shadow, world_normal, coordinate;
in vec2 fold;
in vec4 colour;
in float wrinkle, gloss, fog;
layout(location = 0) out vec4 lit;
layout(location = 1) out uint id;
#ifdef LAMPS
in vec3 place;
uniform vec4 lamp_places[LAMPS];  // position, 1 / reach^2
uniform vec4 lamp_colours[LAMPS];

vec3 lamps(vec3 n) {
    vec3 sum = vec3(0.0);
    for (int i = 0; i < LAMPS; ++i) {
        vec3 way = lamp_places[i].xyz - place;
        float square = dot(way, way);
        float fade = max(1.0 - square * lamp_places[i].w, 0.0);
        // Half wrapped, because a bare lamp leaves the far side of a body black.
        float facing = max(dot(n, way) * inversesqrt(square) * 0.75 + 0.25, 0.0);
        sum += lamp_colours[i].rgb * (facing * fade * fade / (1.0 + square));
    }
    return sum;
}
#endif

void main() {
    vec3 n = normalize(world_normal);
    if (!gl_FrontFacing) n = -n;
    vec3 texel = texture(cloth, coordinate).rgb * colour.rgb;
    if (wrinkle != 0.0) {
        vec3 folds = texture(cloth, vec3(fold, 1.0)).rgb;
        vec2 slope = wrinkle > 0.0 ? folds.rg - 0.5 : 0.5 - folds.gr;
        vec3 across = normalize(vec3(-n.y, n.x, 0.001));
        n = normalize(n + wrinkle * (slope.x * across + slope.y * cross(n, across)));
        texel *= 1.0 - 0.22 * abs(wrinkle) * folds.b;
    }
    float facing = dot(n, sun);
    float reached = facing > 0.0 ? texture(shadows, to_shadow) : 0.0;
    vec3 light = mix(ground_colour, sky_colour, n.z * 0.5 + 0.5) * colour.a
               + sun_colour * (reached * max(facing, 0.0));
#ifdef LAMPS
    light += lamps(n);
#endif
    vec3 radiance = texel * texel * light + sun_colour * (gloss * reached);
    lit = vec4(tone(mix(fog_colour, radiance, fog) * gain), 1.0);
    id = uint(actor.y);
}
