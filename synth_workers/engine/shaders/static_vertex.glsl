// Everything that varies slowly over a static surface is decided here, per vertex: sky and
// lamp light, the sun's angle, fog and reflections. The fragment only adds texture and shadow.
//include light.glsl
uniform mat4 view_projection, shadow_matrix;
uniform vec3 zenith_colour;
uniform float through;  // share of sunlight that passes through to the other side (leaves)
in vec3 position;
in vec4 normal;  // w: how mirror-like
in vec2 uv;
in vec4 tint;    // w: baked ambient occlusion
in uint layer;
in vec4 extra;   // rgb: baked lamp light plus the surface's own glow
out vec3 to_shadow, coordinate, soft, direct, over;

void main() {
    vec3 n = normal.xyz * (255.0 / 127.0) - 128.0 / 127.0;
    vec3 way = position - eye;
    float far = length(way);
    float keep = exp(-far * fog_density);
    vec3 albedo = tint.rgb * tint.rgb;
    vec3 scale = gain * keep;
    soft = albedo * scale * (mix(ground_colour, sky_colour, n.z * 0.5 + 0.5) * tint.a + extra.rgb);
    float facing = dot(n, sun);
    direct = albedo * scale * sun_colour * max(facing, -facing * through);
    vec3 mirrored = reflect(way / far, n);
    float glance = 1.0 - abs(dot(way / far, n));
    glance *= glance;
    vec3 seen = mix(fog_colour, zenith_colour, clamp(mirrored.z, 0.0, 1.0)) * tint.a;
    over = gain * (fog_colour * (1.0 - keep)
         + seen * (keep * normal.w * (0.06 + 0.94 * glance * glance)));
    coordinate = vec3(uv, float(layer));
    to_shadow = (shadow_matrix * vec4(position + n * 0.03, 1.0)).xyz * 0.5 + 0.5;
    to_shadow.z -= 0.0006;
    gl_Position = view_projection * vec4(position, 1.0);
}
