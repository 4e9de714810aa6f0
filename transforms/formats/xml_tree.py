"""XML documents. Entities are never expanded, and no DTD is read: with them go entity bombs and external entities. A
source without a document type refuses one."""

from collections.abc import Iterator
from typing import IO, Any

from lxml import etree

from transforms.formats.files import BrokenFileError

_SAFE: dict[str, Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


def xml_root(content: bytes) -> etree._Element:
    """The document's root. Raises BrokenFileError."""
    try:
        root = etree.fromstring(content, etree.XMLParser(**_SAFE))
    except etree.XMLSyntaxError as error:
        raise _broken(error) from error
    _refuse_document_type(root)
    return root


def iter_xml(file: IO[bytes], root_tag: str, is_typed: bool = False) -> Iterator[tuple[str, etree._Element]]:
    """('start' or 'end', element) for each element of the document, which is read no further than that.

    Raises BrokenFileError, also where its root has another tag, or it has a document type unless is_typed: then it may
    name one, but declare no entity.
    """
    is_first = True
    try:
        for event, element in etree.iterparse(file, events=("start", "end"), **_SAFE):
            if is_first:
                _refuse_entities(element) if is_typed else _refuse_document_type(element)
                if element.tag != root_tag:
                    raise BrokenFileError(f"its root is <{etree.QName(element).localname}>, not <{root_tag}>")
                is_first = False
            yield event, element
    except etree.XMLSyntaxError as error:
        raise _broken(error) from error


def free(element: etree._Element) -> None:
    """Gives up what was read: the element's content, and what stands before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _broken(error: etree.XMLSyntaxError) -> BrokenFileError:
    return BrokenFileError(f"it is not XML: {error}")


def _refuse_document_type(root: etree._Element) -> None:
    if root.getroottree().docinfo.doctype:  # type: ignore[attr-defined]
        raise BrokenFileError("it declares a document type, which this source never does; entities are not expanded")


def _refuse_entities(root: etree._Element) -> None:
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and declared.entities():  # type: ignore[attr-defined]
        raise BrokenFileError("it declares entities, which this source never does; they are not expanded")
