"""What describes a release to machines: Croissant, a Frictionless data package, and CITATION.cff."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

_LICENCE = "LICENCES.md"  # of each source
# DuckDB's types → those of Croissant 1.1 (https://docs.mlcommons.org/croissant/docs/croissant-spec.html) and of Table
# Schema (https://datapackage.org/standard/table-schema/), whose validators read integers beside nulls as floats.
_TYPES = {
    "VARCHAR": ("sc:Text", "string"),
    "DOUBLE": ("sc:Float", "number"),
    "BIGINT": ("sc:Integer", "number"),
    "INTEGER": ("sc:Integer", "number"),
    "TINYINT": ("sc:Integer", "number"),
    "BOOLEAN": ("sc:Boolean", "boolean"),
    "DATE": ("sc:Date", "date"),
    "TIMESTAMP WITH TIME ZONE": ("sc:DateTime", "datetime"),
}
_CONTEXT = {
    "@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/", "dct": "http://purl.org/dc/terms/",
    "cr": "http://mlcommons.org/croissant/", "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"}, "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"}, "conformsTo": "dct:conformsTo",
    **{
        name: f"cr:{name}"
        for name in (
            "citeAs", "column", "equivalentProperty", "extract", "field", "fileObject", "fileProperty", "fileSet",
            "format", "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet",
            "references", "regex", "repeated", "replace", "samplingRate", "separator", "source", "subField",
            "transform",
        )
    },
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    name: str
    data_type: str  # DuckDB's
    description: str


@dataclass(frozen=True)
class Table:
    """A table of a release, in a Parquet file of its own."""

    name: str
    description: str
    file: str  # from the folder of the release
    byte_count: int
    sha256: str
    columns: list[Column]


@dataclass(frozen=True)
class About:
    version: int
    published_at: datetime
    url: str  # of the explorer that shows it

    @property
    def title(self) -> str:
        return f"paperhouse, publication {self.version}"


_DESCRIPTION = (
    "Machine-learning papers with the numbers that their abstracts claim and their tables hold, each with its sentence "
    "or place, what leaderboards report, and links to code with their state."
)


def describe_croissant(about: About, tables: list[Table]) -> dict[str, Any]:
    """The release as Croissant: a file object and a record set for each table. Source of the format:
    https://docs.mlcommons.org/croissant/docs/croissant-spec.html"""
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "paperhouse",
        "description": _DESCRIPTION,
        "url": about.url,
        "license": _LICENCE,
        "version": f"{about.version}.0.0",
        "datePublished": f"{about.published_at:%Y-%m-%d}",
        "citeAs": f"{about.title} ({about.published_at:%Y-%m-%d}). {about.url}",
        "creator": {"@type": "sc:Organization", "name": "paperhouse"},
        "distribution": [
            {
                "@type": "cr:FileObject", "@id": table.file, "name": table.file, "contentUrl": table.file,
                "contentSize": f"{table.byte_count} B", "encodingFormat": "application/x-parquet",
                "sha256": table.sha256,
            }
            for table in tables
        ],
        "recordSet": [_record_set(table) for table in tables],
    }  # fmt: skip


def _record_set(table: Table) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet", "@id": table.name, "name": table.name, "description": table.description,
        "field": [
            {
                "@type": "cr:Field", "@id": f"{table.name}/{column.name}", "name": column.name,
                "description": column.description, "dataType": _type(column)[0],
                **({"repeated": True} if column.data_type.endswith("[]") else {}),
                "source": {"fileObject": {"@id": table.file}, "extract": {"column": column.name}},
            }
            for column in table.columns
        ],
    }  # fmt: skip


def describe_package(about: About, tables: list[Table]) -> dict[str, Any]:
    """The release as a Frictionless data package: a resource for each table. Source of the format:
    https://datapackage.org/standard/data-package/"""
    return {
        "name": "paperhouse", "title": about.title, "description": _DESCRIPTION, "homepage": about.url,
        "version": f"{about.version}.0.0", "created": about.published_at.isoformat(),
        "licenses": [{"title": "As each source says", "path": _LICENCE}],
        "resources": [
            {
                "name": table.name, "description": table.description, "path": table.file, "format": "parquet",
                "mediatype": "application/vnd.apache.parquet",
                "hash": f"sha256:{table.sha256}",
                "schema": {
                    "fields": [
                        {
                            "name": column.name, "description": column.description,
                            # Validators read lists of Parquet as arrays of their own.
                            "type": "any" if column.data_type.endswith("[]") else _type(column)[1],
                        }
                        for column in table.columns
                    ]
                },
            }
            for table in tables
        ],
    }  # fmt: skip


def _type(column: Column) -> tuple[str, str]:
    return _TYPES.get(column.data_type.removesuffix("[]"), ("sc:Text", "any"))


def describe_citation(about: About) -> dict[str, Any]:
    """CITATION.cff 1.2.0. Source of the format: https://citation-file-format.github.io"""
    return {
        "cff-version": "1.2.0", "type": "dataset", "title": about.title, "abstract": _DESCRIPTION,
        "message": "Cite this release with its number: numbers change from one to the next.",
        "authors": [{"name": "paperhouse"}], "version": str(about.version),
        "date-released": f"{about.published_at:%Y-%m-%d}", "url": about.url,
    }  # fmt: skip
