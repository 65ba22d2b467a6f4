// What every lit surface needs to know about the light of the scene.
uniform vec3 eye, sun, sun_colour, sky_colour, ground_colour, fog_colour, gain;
uniform float fog_density;
