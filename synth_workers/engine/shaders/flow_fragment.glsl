in vec3 now_seen, next_seen;
layout(location = 0) out vec4 places;

// Tangents of where a surface is and will be seen; far outside if it will be behind the camera.
void main() {
    vec2 next = next_seen.z > 0.05 ? next_seen.xy / next_seen.z : vec2(1e9);
    places = vec4(now_seen.xy / now_seen.z, next);
}
