"""Three replica sites on loopback (PTT, NetEase, Discuz!), with the exact truth of what they show.

Everything they serve was written for this project. `running()` starts them in a test,
`python -m tests.replicas` starts them for `make demo`, `truth(site, epoch)` tells what a crawl
must find. `tests.replicas.faults` serves broken and hostile answers.
Limits: loopback only; the state of a site is a pure function of its epoch (1, 2, 3).
"""
