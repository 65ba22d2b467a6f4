flat in uint own_label;
layout(location = 0) out uint label;

void main() { label = own_label; }
