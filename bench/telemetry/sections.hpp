// What ./run bench telemetry prints, section by section. A new one is a line here, one in main.cpp,
// and a file of its own.
#pragma once

namespace vitrine::bench {

// Bytes on the wire for a play and its exposure, by part and by column, beside other encodings.
void show_bytes();

}  // namespace vitrine::bench
