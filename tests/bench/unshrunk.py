"""A pytest plugin: hypothesis does not look for a smaller example, as any failure ends the run of a mutant."""

from hypothesis import Phase, settings

settings.register_profile("unshrunk", phases=[Phase.explicit, Phase.reuse, Phase.generate])
settings.load_profile("unshrunk")
