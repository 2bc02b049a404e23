"""How many random histories are lived, and which. Loaded as a plugin (`-p testkit.profiles`) or imported, it knows

`steady`: a few, the same in each run. `unshrunk`: these, and of one that fails no smaller one is looked for.
`long`: very many, others in each run; what fails can be lived again by the line that it prints.
"""

from hypothesis import HealthCheck, Phase, settings

_SLOW_IS_FINE = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None)

settings.register_profile("steady", _SLOW_IS_FINE, derandomize=True, max_examples=50, stateful_step_count=50)
settings.register_profile("unshrunk", settings.get_profile("steady"), phases=[Phase.explicit, Phase.generate])
settings.register_profile("long", _SLOW_IS_FINE, max_examples=2_000, stateful_step_count=200, print_blob=True)
