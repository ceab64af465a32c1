"""Load: the last night of a periodo, hundreds of phones that all deliver at once (rows D5, X1; SPEC §10).

Rooms: `plan` (what is to happen, who arrives when), `line` (a bad line inside the phone's own connection), `stock`
(altas and sealed sobres), `phones` (a phone of the load, and what is seen of it), `worker` (a process of phones),
`server` (a server of its own, and samples of any), `run` (all of it together), `results` (figures), `charts` and
`report` (what a person reads), `command` (the command line). The phones are `device_sim.device.Phone`, as everywhere.
"""
