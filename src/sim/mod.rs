//! L3: the simulated cloud, without I/O.
