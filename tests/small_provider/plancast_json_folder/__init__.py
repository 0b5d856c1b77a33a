"""The row of the provider. What is heavy is imported when it connects."""

from plancast.model.features import Features
from plancast.providers import Connected, ProviderContext, ProviderInfo, ProviderOption


def connect(context: ProviderContext) -> Connected:
    from plancast_json_folder.provider import JsonFolderProvider, queue_file  # noqa: PLC0415

    file = queue_file(context.workspace_root, context.settings.options)
    provider = JsonFolderProvider(file, context.clock, context.title, context.features)
    return Connected(provider, context.clock)


INFO = ProviderInfo(
    name="json-folder",
    title="the JSON folder",
    features=Features(),
    factory=connect,
    options=(ProviderOption("folder", "The folder of queue.json, in the workspace."),),
    is_local=True,
)
