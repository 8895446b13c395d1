"""The schema of MirrorManager's mirrorlist cache, built at run time for the protobuf library."""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

UINT64, INT64, STRING, BOOL = "TYPE_UINT64", "TYPE_INT64", "TYPE_STRING", "TYPE_BOOL"
REQUIRED, OPTIONAL, REPEATED = "LABEL_REQUIRED", "LABEL_OPTIONAL", "LABEL_REPEATED"

# Message → (number, name, label, type); a type that is no number or text is another message.
SCHEMA: dict[str, tuple[tuple[int, str, str, str], ...]] = {
    "StringStringMap": ((1, "key", REQUIRED, STRING), (2, "value", REQUIRED, STRING)),
    "StringBoolMap": ((1, "key", REQUIRED, STRING), (2, "value", REQUIRED, BOOL)),
    "StringRepeatedIntMap": ((1, "key", REQUIRED, STRING), (2, "value", REPEATED, INT64)),
    "IntStringMap": ((1, "key", REQUIRED, INT64), (2, "value", REQUIRED, STRING)),
    "IntIntMap": ((1, "key", REQUIRED, INT64), (2, "value", REQUIRED, INT64)),
    "IntRepeatedIntMap": ((1, "key", REQUIRED, INT64), (2, "value", REPEATED, INT64)),
    "IntRepeatedStringMap": ((1, "key", REQUIRED, INT64), (2, "value", REPEATED, STRING)),
    "FileDetailsType": (
        (1, "TimeStamp", REQUIRED, UINT64),
        (2, "Size", REQUIRED, UINT64),
        (3, "SHA1", OPTIONAL, STRING),
        (4, "MD5", OPTIONAL, STRING),
        (5, "SHA256", OPTIONAL, STRING),
        (6, "SHA512", OPTIONAL, STRING),
    ),
    "FileDetailsCacheFilesType": (
        (1, "filename", REQUIRED, STRING),
        (2, "FileDetails", REPEATED, "FileDetailsType"),
    ),
    "FileDetailsCacheDirectoryType": (
        (1, "directory", REQUIRED, STRING),
        (2, "FileDetailsCacheFiles", REPEATED, "FileDetailsCacheFilesType"),
    ),
    "MirrorListCacheType": (
        (1, "directory", REQUIRED, STRING),
        (2, "Global", REPEATED, INT64),
        (3, "Subpath", OPTIONAL, STRING),
        (4, "ByCountry", REPEATED, "StringRepeatedIntMap"),
        (5, "ByCountryInternet2", REPEATED, "StringRepeatedIntMap"),
        (6, "ByHostId", REPEATED, "IntRepeatedIntMap"),
        (7, "OrderedMirrorList", OPTIONAL, BOOL),
    ),
    "MirrorList": (
        (1, "Time", REQUIRED, UINT64),
        (2, "NetblockCountryCache", REPEATED, "StringStringMap"),
        (3, "LocationCache", REPEATED, "StringRepeatedIntMap"),
        (4, "HCUrlCache", REPEATED, "IntStringMap"),
        (5, "FileDetailsCache", REPEATED, "FileDetailsCacheDirectoryType"),
        (6, "DisabledRepositoryCache", REPEATED, "StringBoolMap"),
        (7, "CountryContinentRedirectCache", REPEATED, "StringStringMap"),
        (8, "RepositoryRedirectCache", REPEATED, "StringStringMap"),
        (9, "RepoArchToDirectoryName", REPEATED, "StringStringMap"),
        (10, "HostAsnCache", REPEATED, "IntRepeatedIntMap"),
        (11, "HostMaxConnectionCache", REPEATED, "IntIntMap"),
        (12, "HostCountryCache", REPEATED, "IntStringMap"),
        (13, "HostBandwidthCache", REPEATED, "IntIntMap"),
        (14, "HostCountryAllowedCache", REPEATED, "IntRepeatedStringMap"),
        (15, "HostNetblockCache", REPEATED, "StringRepeatedIntMap"),
        (16, "MirrorListCache", REPEATED, "MirrorListCacheType"),
    ),
}


def _message_class() -> Any:
    file = descriptor_pb2.FileDescriptorProto(
        name="mirrormanager.proto", package="mirrormanager", syntax="proto2"
    )
    for message, fields in SCHEMA.items():
        described = file.message_type.add(name=message)
        for number, name, label, kind in fields:
            field = described.field.add(name=name, number=number)
            field.label = getattr(descriptor_pb2.FieldDescriptorProto, label)
            if kind in SCHEMA:
                field.type = descriptor_pb2.FieldDescriptorProto.TYPE_MESSAGE
                field.type_name = f".mirrormanager.{kind}"
            else:
                field.type = getattr(descriptor_pb2.FieldDescriptorProto, kind)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    found = pool.FindMessageTypeByName("mirrormanager.MirrorList")
    return message_factory.GetMessageClass(found)


MirrorList = _message_class()


def parse(data: bytes) -> Any:
    """Read a cache as a mirrorlist-server would; the library checks required fields and types."""
    message = MirrorList()
    message.ParseFromString(data)
    return message


def pairs(entries: Any) -> list[tuple[Any, Any]]:
    """Return a map as pairs of key and value; repeated values as a list."""
    return [
        (each.key, each.value if isinstance(each.value, str | int) else list(each.value))
        for each in entries
    ]
