"""Which layer of a post a key comes from: its variant for the profile, for the network, or itself.

Defaults lie under the post by then; `Post.where` knows what came from them.
"""

from __future__ import annotations

from plancast.content.yaml_reader import Path
from plancast.model.profile import Profile
from plancast.model.workspace import Post, PostFields


def layer_of(path: Path, post: Post, alias: str, profile: Profile) -> Path:
    """The place of the layer whose word on a key holds on a profile; empty for the post itself."""
    for name in variants_for(alias, profile):
        variant = post.variants.get(name)
        if variant is not None and _says(variant, path):
            return ("variants", name)
    return ()


def variants_for(alias: str, profile: Profile) -> tuple[str, str]:
    """The variants that can hold on a profile, the strongest first."""
    return (alias, profile.service)


def _says(variant: PostFields, path: Path) -> bool:
    """What a network is told is said key by key; all else is said as a whole."""
    key, *rest = path
    if key != "metadata" or not rest:
        return getattr(variant, str(key), None) is not None
    service, *setting = rest
    told = dict((variant.metadata or {}).get(str(service), ()))
    return setting[0] in told if setting else bool(told)
