"""What a page costs, as a multiple of a bare Django view that returns the same bytes: `make bench`.

Both are served by the same workers in the same run, in alternating rounds, so a busy machine disturbs both alike. CPU is
what the workers used, by the kernel's count of nanoseconds; milliseconds are for orientation.
"""
