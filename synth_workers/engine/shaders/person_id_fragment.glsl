uniform vec4 actor;
layout(location = 0) out uint id;

void main() { id = uint(actor.y); }
