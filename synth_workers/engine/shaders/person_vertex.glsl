#ifdef POSED
uniform vec4 actor;
in vec3 posed_place, posed_normal;  // of person_posed_vertex
#else
//include skinning.glsl
in vec3 position;
in uvec4 bones;
in vec4 weights;
#endif
//include light.glsl
uniform mat4 view_projection, shadow_matrix;
in vec4 normal;
in vec2 uv;
in vec4 tint;
in uint layer;
in vec2 relief;
out vec3 to_shadow, world_normal, coordinate;
out vec2 fold;
out vec4 colour;
out float wrinkle, gloss, fog;
#ifdef LAMPS
out vec3 place;
#endif

void main() {
#ifdef POSED
    vec3 p = posed_place, n = posed_normal;
#else
    mat3x4 transform = skin(bones, weights);
    vec3 p = vec4(position, 1.0) * transform;
    vec3 n = vec4(normal.xyz * (255.0 / 127.0) - 128.0 / 127.0, 0.0) * transform;
#endif
    world_normal = n;
    float own = float(layer);
    coordinate = vec3(uv, own < 2.0 ? own : actor.z + own - 2.0);
    // Less sky reaches the legs: people stand in their own ambient shadow.
    colour = vec4(tint.rgb, tint.a * (0.62 + 0.38 * smoothstep(0.0, 0.6, p.z - actor.w)));
    // normal.w: size of the cloth tile in cm, plus 128 where folds fall along the cloth.
    float code = normal.w * 255.0;
    bool falling = code > 127.5;
    vec2 on_cloth = uv * ((falling ? code - 128.0 : code) * 0.0125);
    fold = falling ? on_cloth.yx : on_cloth;
    wrinkle = falling ? -6.12 * relief.x : 6.12 * relief.x;
    vec3 middle = normalize(normalize(eye - p) + sun);
    float shine = max(dot(normalize(n), middle), 0.0);
    shine *= shine;
    shine *= shine;
    shine *= shine;
    gloss = relief.y * 0.5 * shine * shine;
    to_shadow = (shadow_matrix * vec4(p + n * 0.03, 1.0)).xyz * 0.5 + 0.5;
    to_shadow.z -= 0.0006;
    fog = exp(-distance(eye, p) * fog_density);
#ifdef LAMPS
    place = p;
#endif
    gl_Position = view_projection * vec4(p, 1.0);
}
