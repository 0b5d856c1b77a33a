"""The layers of a post: the post itself, its variant for a network, its variant for a profile.

The strongest layer that sets a key wins: profile, then network, then post. Defaults are merged
into the post by then; `Post.where` knows which keys came from them.
"""

from __future__ import annotations

from plancast.content.yaml_reader import Path
from plancast.model.profile import Profile
from plancast.model.workspace import Post, PostFields


def layer_of(path: Path, post: Post, alias: str, profile: Profile) -> Path:
    """Return the place of the layer that sets a key for a profile; empty for the post itself."""
    for name in variants_for(alias, profile):
        variant = post.variants.get(name)
        if variant is not None and _sets(variant, path):
            return ("variants", name)
    return ()


def variants_for(alias: str, profile: Profile) -> tuple[str, str]:
    """Return the names of the variants that can apply to a profile, the strongest first."""
    return (alias, profile.service)


def _sets(variant: PostFields, path: Path) -> bool:
    """Return whether a variant sets a key; settings of networks (`metadata`) count one by one."""
    key, *rest = path
    if key != "metadata" or not rest:
        return getattr(variant, str(key), None) is not None
    service, *setting = rest
    settings = dict((variant.metadata or {}).get(str(service), ()))
    return setting[0] in settings if setting else bool(settings)
