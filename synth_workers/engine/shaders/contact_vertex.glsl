uniform mat4 view_projection;
uniform vec3 eye;
uniform float fog_density;
in vec2 corner;
in vec4 disc;    // x, y, radius, darkness
in float ground; // height of the floor under the foot
out vec2 offset;
out float darkness;

void main() {
    vec3 place = vec3(disc.xy + corner * disc.z, ground + 0.012);
    offset = corner;
    darkness = disc.w * exp(-distance(eye, place) * fog_density);
    gl_Position = view_projection * vec4(place, 1.0);
}
