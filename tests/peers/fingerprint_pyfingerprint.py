"""pyfingerprint, in a process of its own, works the module on the port named: its licence and its endless waiting stay out of ours."""

import json
import sys

from pyfingerprint.pyfingerprint import FINGERPRINT_CHARBUFFER1, FINGERPRINT_CHARBUFFER2, PyFingerprint

module = PyFingerprint(sys.argv[1], 57600, 0xFFFFFFFF, 0)
found = {"password": module.verifyPassword(), "capacity": module.getStorageCapacity(), "packet": module.getMaxPacketSize()}
for buffer in (FINGERPRINT_CHARBUFFER1, FINGERPRINT_CHARBUFFER2):
    assert module.readImage()
    module.convertImage(buffer)
found["match"] = module.compareCharacteristics()
module.createTemplate()
found["stored"] = module.storeTemplate(6)
assert module.readImage()
module.convertImage(FINGERPRINT_CHARBUFFER1)
found["search"] = module.searchTemplate()
module.loadTemplate(6, FINGERPRINT_CHARBUFFER1)
template = module.downloadCharacteristics(FINGERPRINT_CHARBUFFER1)
found["template"] = bytes(template).hex()
module.uploadCharacteristics(FINGERPRINT_CHARBUFFER2, template)
module.storeTemplate(9, FINGERPRINT_CHARBUFFER2)
found["index"] = [place for place, there in enumerate(module.getTemplateIndex(0)) if there]
module.deleteTemplate(6)
found["left"] = module.getTemplateCount()
print(json.dumps(found))
