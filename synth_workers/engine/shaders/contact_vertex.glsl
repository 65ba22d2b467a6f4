uniform mat4 view_projection;
in vec2 corner;
in vec4 disc;    // x, y, radius, darkness
in float ground; // height of the floor under the foot
out vec2 offset;
out float darkness;

void main() {
    offset = corner;
    darkness = disc.w;
    gl_Position = view_projection * vec4(disc.xy + corner * disc.z, ground + 0.012, 1.0);
}
