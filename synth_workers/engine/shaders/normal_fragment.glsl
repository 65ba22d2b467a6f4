in vec3 world_normal;
layout(location = 0) out vec4 encoded;

void main() {
    vec3 n = normalize(world_normal);
    if (!gl_FrontFacing) n = -n;
    // Left-handed as Unreal's world: y changes its sign.
    encoded = vec4(n * vec3(0.5, -0.5, 0.5) + 0.5, 1.0);
}
