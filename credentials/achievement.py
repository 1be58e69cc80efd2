# SPDX-License-Identifier: Apache-2.0
"""Achievement: what can be earned, by which criteria, with which results.

Open Badges 3.0, "Achievement", "Alignment", "Criteria", "Related", "ResultDescription",
"RubricCriterionLevel" (https://www.imsglobal.org/spec/ob/v3p0/#achievement). A rubric is one
``ResultDescription`` per criterion, with its levels ordered from low to high and the level that passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from credentials.profile import IdentifierEntry, Image, Profile
from credentials.structure import Broken, Extension, Members, Structure


class AchievementType(StrEnum):
    """What kind of achievement. https://www.imsglobal.org/spec/ob/v3p0/#achievementtype-enumeration."""

    ACHIEVEMENT = "Achievement"
    APPRENTICESHIP_CERTIFICATE = "ApprenticeshipCertificate"
    ASSESSMENT = "Assessment"
    ASSIGNMENT = "Assignment"
    ASSOCIATE_DEGREE = "AssociateDegree"
    AWARD = "Award"
    BADGE = "Badge"
    BACHELOR_DEGREE = "BachelorDegree"
    CERTIFICATE = "Certificate"
    CERTIFICATE_OF_COMPLETION = "CertificateOfCompletion"
    CERTIFICATION = "Certification"
    COMMUNITY_SERVICE = "CommunityService"
    COMPETENCY = "Competency"
    COURSE = "Course"
    CO_CURRICULAR = "CoCurricular"
    DEGREE = "Degree"
    DIPLOMA = "Diploma"
    DOCTORAL_DEGREE = "DoctoralDegree"
    FIELDWORK = "Fieldwork"
    GENERAL_EDUCATION_DEVELOPMENT = "GeneralEducationDevelopment"
    JOURNEYMAN_CERTIFICATE = "JourneymanCertificate"
    LEARNING_PROGRAM = "LearningProgram"
    LICENSE = "License"
    MEMBERSHIP = "Membership"
    PROFESSIONAL_DOCTORATE = "ProfessionalDoctorate"
    QUALITY_ASSURANCE_CREDENTIAL = "QualityAssuranceCredential"
    MASTER_CERTIFICATE = "MasterCertificate"
    MASTER_DEGREE = "MasterDegree"
    MICRO_CREDENTIAL = "MicroCredential"
    RESEARCH_DOCTORATE = "ResearchDoctorate"
    SECONDARY_SCHOOL_DIPLOMA = "SecondarySchoolDiploma"


class AlignmentTargetType(StrEnum):
    """What an alignment points to. https://www.imsglobal.org/spec/ob/v3p0/#alignmenttargettype-enumeration."""

    CEASN_COMPETENCY = "ceasn:Competency"
    CETERMS_CREDENTIAL = "ceterms:Credential"
    CF_ITEM = "CFItem"
    CF_RUBRIC = "CFRubric"
    CF_RUBRIC_CRITERION = "CFRubricCriterion"
    CF_RUBRIC_CRITERION_LEVEL = "CFRubricCriterionLevel"
    CTDL = "CTDL"


class ResultType(StrEnum):
    """What kind of result. https://www.imsglobal.org/spec/ob/v3p0/#resulttype-enumeration."""

    GRADE_POINT_AVERAGE = "GradePointAverage"
    LETTER_GRADE = "LetterGrade"
    PERCENT = "Percent"
    PERFORMANCE_LEVEL = "PerformanceLevel"
    PREDICTED_SCORE = "PredictedScore"
    RAW_SCORE = "RawScore"
    RESULT = "Result"
    RUBRIC_CRITERION = "RubricCriterion"
    RUBRIC_CRITERION_LEVEL = "RubricCriterionLevel"
    RUBRIC_SCORE = "RubricScore"
    SCALED_SCORE = "ScaledScore"
    STATUS = "Status"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment(Structure):
    """A place in a framework of standards. https://www.imsglobal.org/spec/ob/v3p0/#alignment."""

    type: tuple[str, ...] = ("Alignment",)
    target_name: str
    target_url: str
    target_code: str | None = None
    target_description: str | None = None
    target_framework: str | None = None
    target_type: AlignmentTargetType | Extension | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria(Structure):
    """How the achievement is earned: a page, a text, or both. https://www.imsglobal.org/spec/ob/v3p0/#criteria.

    The specification's table requires neither; 1EdTech's validator and we require one.
    """

    id: str | None = None
    narrative: str | None = None

    def rules(self) -> Iterator[Broken]:
        """Yield what is missing."""
        if not self.id and not self.narrative:
            yield (), "The criteria have neither a page nor a text."


@dataclass(frozen=True, slots=True, kw_only=True)
class Related(Structure):
    """The same achievement in another language or version. https://www.imsglobal.org/spec/ob/v3p0/#related."""

    id: str
    type: tuple[str, ...] = ("Related",)
    in_language: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricCriterionLevel(Structure):
    """One level of a criterion. https://www.imsglobal.org/spec/ob/v3p0/#rubriccriterionlevel."""

    id: str
    type: tuple[str, ...] = ("RubricCriterionLevel",)
    name: str
    description: str | None = None
    level: str | None = None
    points: str | None = None
    alignment: tuple[Alignment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultDescription(Structure):
    """A result that is possible; values and levels stand from low to high.

    https://www.imsglobal.org/spec/ob/v3p0/#resultdescription
    """

    id: str
    type: tuple[str, ...] = ("ResultDescription",)
    name: str
    result_type: ResultType | Extension
    allowed_value: tuple[str, ...] = ()
    required_level: str | None = None
    required_value: str | None = None
    value_min: str | None = None
    value_max: str | None = None
    rubric_criterion_level: tuple[RubricCriterionLevel, ...] = ()
    alignment: tuple[Alignment, ...] = ()

    def level(self, level_id: str) -> RubricCriterionLevel | None:
        """Return the level of that id."""
        return next((level for level in self.rubric_criterion_level if level.id == level_id), None)

    def rules(self) -> Iterator[Broken]:
        """Yield a required level that is none of the levels."""
        if self.required_level is not None and self.level(self.required_level) is None:
            yield ("requiredLevel",), "The required level is none of the levels of this criterion."


@dataclass(frozen=True, slots=True, kw_only=True)
class Achievement(Structure):
    """What can be earned. https://www.imsglobal.org/spec/ob/v3p0/#achievement."""

    id: str
    type: tuple[str, ...] = ("Achievement",)
    name: str
    description: str
    criteria: Criteria
    achievement_type: AchievementType | Extension | None = None
    image: Image | None = None
    creator: Profile | None = None
    version: str | None = None
    in_language: str | None = None
    human_code: str | None = None
    other_identifier: tuple[IdentifierEntry, ...] = ()
    field_of_study: str | None = None
    specialization: str | None = None
    credits_available: float | None = None
    tag: tuple[str, ...] = ()
    alignment: tuple[Alignment, ...] = ()
    related: tuple[Related, ...] = ()
    result_description: tuple[ResultDescription, ...] = ()
    endorsement: tuple[Members, ...] = ()
    endorsement_jwt: tuple[str, ...] = ()
