uniform mat4 view_projection;
uniform vec3 eye;
in vec3 position, radiance;
out vec3 colour;

void main() {
    colour = radiance;
    gl_Position = (view_projection * vec4(position + eye, 1.0)).xyww * vec4(1.0, 1.0, 0.99999, 1.0);
}
